/** A plot of what a packet costs against the number of tunnels. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Measured } from "./result.js";

const lines = ["push/uniform", "push/zipf", "pop/uniform", "pop/zipf"];

/** Draws `scale.svg` into a folder by gnuplot; nothing where no scene of the kind was measured. */
export async function plotScale(folder: string, measured: Measured): Promise<void> {
  const blocks = lines.map((line) => points(measured, `scale/vxlan/${line}/`));
  if (blocks.some((block) => block.length === 0)) return;
  const data = join(folder, "scale.dat");
  await writeFile(data, blocks.map((block) => `${block.join("\n")}\n`).join("\n\n"));
  const curves = lines.map(
    (line, i) => `"${data}" index ${i} with linespoints title "VXLAN ${line.replace("/", ", ")}"`,
  );
  const script = [
    "set terminal svg size 800,500 background 'white'",
    `set output "${join(folder, "scale.svg")}"`,
    "set logscale x",
    "set format x '10^{%L}'",
    "set yrange [0:*]",
    "set xlabel 'tunnels'",
    "set ylabel 'ns a packet, the least of all runs'",
    "set key left top",
    "set grid",
    `plot ${curves.join(", ")}`,
  ];
  await promisify(execFile)("gnuplot", ["-e", script.join("; ")]);
}

function points(measured: Measured, prefix: string): readonly string[] {
  return [...measured]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { time }]) => `${name.slice(prefix.length)} ${time.nanoseconds}`);
}
