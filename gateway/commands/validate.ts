import { formatProblem, type LoadedConfiguration } from "../../tunnels/index.js";
import { count, loadOrFail } from "../configuration.js";
import { type ExitCode, exitCode } from "../exit-codes.js";
import { textTable } from "../text-table.js";

export interface ValidateOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** Rows shown to a person; `-j` has them all. */
const mostRows = 50;

/** `adit validate`: reads everything and prints every error, or a summary. */
export function validate(options: ValidateOptions): ExitCode {
  const loaded = loadOrFail(options.config, true);
  if (options.json) {
    const { summary, files, warnings, warningCount } = loaded;
    process.stdout.write(
      `${JSON.stringify({ ok: true, files, ...summary, warningCount, warnings })}\n`,
    );
    return exitCode.done;
  }
  for (const warning of loaded.warnings) {
    process.stderr.write(`warning: ${formatProblem(warning)}\n`);
  }
  process.stdout.write(summaryText(loaded));
  return exitCode.done;
}

function summaryText({ summary, files, table, warningCount }: LoadedConfiguration): string {
  const { tenants, paths } = summary;
  const tunnels = tenants.reduce((sum, tenant) => sum + tenant.tunnels, 0);
  const totals = [
    count(files.length, "file"),
    count(table.ports.length, "port"),
    count(tenants.length, "tenant"),
    count(tunnels, "tunnel"),
    count(warningCount, "warning"),
  ];
  const tenantTable = textTable(
    ["tenant", "attachments", "tunnels", "cross-connects"],
    tenants
      .slice(0, mostRows)
      .map((tenant) => [tenant.name, tenant.attachments, tenant.tunnels, tenant.crossConnects]),
  );
  const pathTable = textTable(
    ["tenant", "from", "port", "to", "out of", "push", "room", "inner MTU"],
    paths
      .slice(0, mostRows)
      .map((path) => [
        path.tenant,
        path.from,
        path.port ?? "by route",
        path.to,
        path.outPort ?? "by route",
        path.push,
        path.room,
        path.innerMtu ?? "by route",
      ]),
  );
  const rest = Math.max(tenants.length, paths.length) - mostRows;
  const more = rest > 0 ? `… the first ${mostRows} of each; -j prints all\n` : "";
  return `${totals.join(", ")}: valid\n\n${tenantTable}\n${pathTable}${more}`;
}
