import type { TraceStep } from "../../native/index.js";
import type { CompiledTable } from "../../tunnels/index.js";

/** One packet's way as `explain -j` prints it. */
export interface ExplainedPacket {
  readonly number: number;
  /** `dropped` if it was; else `sent`, `kernel`, `held` or another last step. */
  readonly result: string;
  /** The drop reason, where it was dropped. */
  readonly reason?: string;
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainedStep {
  readonly step: string;
  readonly tenant?: string;
  readonly member?: string;
  readonly port?: string;
  readonly [field: string]: string | undefined;
  /** The packet's bytes after the step, hex. */
  readonly bytes?: string;
}

/** Puts names to the data path's record. */
export function explainedPacket(
  table: CompiledTable,
  number: number,
  trace: readonly TraceStep[],
): ExplainedPacket {
  const steps = trace.map((step) => explainedStep(table, step));
  const last = trace.at(-1);
  // What the gateway sends because of a drop comes after it; the packet was dropped all the same.
  const reason = trace.find(({ name }) => name === "dropped")?.fields["reason"];
  if (reason !== undefined) return { number, result: "dropped", reason, steps };
  const verdict = last?.fields["verdict"];
  if (verdict === "blocked_source") return { number, result: "dropped", reason: verdict, steps };
  return { number, result: verdict === "kernel" ? "kernel" : (last?.name ?? ""), steps };
}

function explainedStep(table: CompiledTable, step: TraceStep): ExplainedStep {
  const member = step.member === undefined ? undefined : table.members[step.member];
  const tenant = member === undefined ? undefined : table.tenants[member.tenant];
  const port = step.port === undefined ? undefined : table.ports[step.port];
  return {
    step: step.name,
    ...(tenant === undefined ? {} : { tenant: tenant.name }),
    ...(member === undefined ? {} : { member: member.name }),
    ...(port === undefined ? {} : { port: port.name }),
    ...step.fields,
    ...(step.bytes === undefined ? {} : { bytes: Buffer.from(step.bytes).toString("hex") }),
  };
}

/** The same for people: a line a step, and the bytes where they changed. */
export function packetText(packet: ExplainedPacket): string {
  const result = packet.reason === undefined ? packet.result : `dropped: ${packet.reason}`;
  const lines = packet.steps.flatMap((step, index) =>
    stepLines(step, previousBytes(packet, index)),
  );
  return `packet ${packet.number}: ${result}\n${lines.map((line) => `  ${line}\n`).join("")}\n`;
}

function previousBytes({ steps }: ExplainedPacket, index: number): string | undefined {
  return steps.slice(0, index).findLast(({ bytes }) => bytes !== undefined)?.bytes;
}

function stepLines(step: ExplainedStep, before: string | undefined): string[] {
  const { step: name, tenant, member, port, bytes, ...fields } = step;
  const subject = [
    tenant === undefined ? "" : `${tenant}/${member}`,
    port === undefined ? "" : `port ${port}`,
    ...Object.entries(fields).map(([key, value]) => `${key} ${value}`),
  ].filter((word) => word !== "");
  const head = `${name.padEnd(13)} ${subject.join(", ")}`.trimEnd();
  return bytes === undefined || bytes === before ? [head] : [head, ...hexLines(bytes)];
}

const bytesPerLine = 16;

/**
 * As other tools print packets: offset, then 16 bytes a line; lines that repeat the one before them
 * are one `*`, but for the last, which shows where the packet ends.
 */
function hexLines(hex: string): string[] {
  const lines = hex.match(/.{1,32}/g) ?? [];
  return lines.flatMap((line, number) => {
    const repeats = (at: number) => at > 0 && at < lines.length - 1 && lines[at - 1] === lines[at];
    if (repeats(number)) return repeats(number - 1) ? [] : ["    *"];
    const offset = (number * bytesPerLine).toString(16).padStart(4, "0");
    return [`    ${offset}  ${line.match(/../g)?.join(" ")}`];
  });
}
