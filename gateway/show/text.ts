import { textTable } from "../text-table.js";
import type { TopicName } from "./documents.js";
import { pathNotes } from "./path-state.js";
import type { StatusDocument } from "./status.js";

type Row = Readonly<Record<string, unknown>>;

/** One `show` document as a table for people. */
export function showText(topic: TopicName, document: unknown): string {
  if (topic === "drops") return dropsText(document as DropsDocument);
  const rows = (document as Readonly<Record<string, readonly Row[]>>)[topic] ?? [];
  if (rows.length === 0) return `no ${topic}\n`;
  const flat = rows.map((row) => flatten(row));
  const present = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  const headers = present.filter((key) => !hidden.some((prefix) => key.startsWith(prefix)));
  const table = textTable(
    headers,
    flat.map((row) => headers.map((header) => cell(row[header]))),
  );
  return table + rows.flatMap(notes).join("");
}

/** Columns that are left to `-j`: too long for a line, or of use to programs alone. */
const hidden = [
  "ifindex",
  "present",
  "nativeRefusal",
  "zeroCopyRefusal",
  "busyPollRefusal",
  "rssFaults",
  "featuresOff",
  "sockets.",
  "pathMtuFrom",
  "pathMtuSecondsLeft",
  "lastError.",
  "loops",
  "busyLoops",
  "mtuOf",
];

/** Sentences below the table. */
function notes(row: Row): string[] {
  const told = [
    ["native XDP refused", row["nativeRefusal"]],
    ["zero copy refused", row["zeroCopyRefusal"]],
    ["busy polling refused", row["busyPollRefusal"]],
  ] as const;
  const refusals = told.flatMap(([what, why]) =>
    typeof why === "string" ? [`${what}: ${why}`] : [],
  );
  return [...refusals, ...rssNotes(row), ...pathNotes(row)].map(
    (note) => `${String(row["name"])}: ${note}\n`,
  );
}

function rssNotes({ rssFaults }: Row): string[] {
  if (!Array.isArray(rssFaults)) return [];
  return rssFaults.map(({ what, fix }) => `${what}; run \`${fix}\``);
}

/** Nested objects become columns of their own: `frames.free`. */
function flatten(row: Row, prefix = ""): Row {
  return Object.fromEntries(
    Object.entries(row).flatMap(([key, value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(flatten(value as Row, `${prefix}${key}.`))
        : [[`${prefix}${key}`, value]],
    ),
  );
}

function cell(value: unknown): string | number {
  if (value === undefined || value === null) return "";
  return typeof value === "number" ? value : String(value);
}

interface DropsDocument {
  readonly received: Readonly<Record<string, number>>;
  readonly sent: Readonly<Record<string, number>>;
  readonly kernel: Readonly<Record<string, number>>;
  readonly generated: number;
  readonly consumed: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly meanings: Readonly<Record<string, string>>;
}

function dropsText(document: DropsDocument): string {
  const { received, sent, kernel, dropped, meanings } = document;
  const ports = textTable(
    ["port", "received", "sent", "to kernel"],
    Object.keys(received).map((port) => [
      port,
      received[port] ?? 0,
      sent[port] ?? 0,
      kernel[port] ?? 0,
    ]),
  );
  const own = `generated frames ${document.generated}, consumed ${document.consumed}\n`;
  const reasons = Object.entries(dropped);
  if (reasons.length === 0) return `${ports}\n${own}nothing dropped\n`;
  const drops = textTable(
    ["dropped", "reason", "meaning"],
    reasons
      .sort(([, a], [, b]) => b - a)
      .map(([word, packets]) => [packets, word, meanings[word] ?? ""]),
  );
  return `${ports}\n${own}\n${drops}`;
}

export function statusText(status: StatusDocument): string {
  const head = `adit ${status.version}: ${status.healthy ? "healthy" : "NOT healthy"}`;
  const size = `${status.tenants} tenants, ${status.tunnels} tunnels, up ${status.uptimeSeconds} s`;
  const problems = status.problems.map(({ what, why }) => `  ${what}: ${why}\n`);
  const more = status.moreProblems > 0 ? `  … and ${status.moreProblems} more\n` : "";
  return `${head}\n${size}\n${problems.join("")}${more}`;
}
