import { rootOf } from "./check/place.js";
import { checkTunnelMtus } from "./check/tunnel-mtus.js";
import { compile } from "./compile.js";
import type { TenantCompiler } from "./compile-tenants.js";
import type { CompiledTable } from "./compiled.js";
import { type GatewaySettings, gatewaySettings } from "./gateway-settings.js";
import { readJsonDocument } from "./json/document.js";
import type { Problem } from "./problem.js";
import { type LoadStage, Reading } from "./reading.js";
import type { GatewayFile } from "./schema/gateway.js";
import { type InterfaceFacts, knownMtus, type Summary, summarise } from "./summary.js";
import { warnAboutTable } from "./warnings.js";

export interface LoadOptions {
  /** Told when a stage begins. */
  readonly onStage?: (stage: LoadStage) => void;
  /** Facts of interfaces by their Linux name, for the summary and the warnings. */
  readonly interfaces?: ReadonlyMap<string, InterfaceFacts>;
}

/** A configuration that may be run. */
export interface LoadedConfiguration {
  readonly ok: true;
  readonly table: CompiledTable;
  /** What the gateway file says beside the table. */
  readonly gateway: GatewaySettings;
  /** The first of them, in the order of files and lines. */
  readonly warnings: readonly Problem[];
  readonly warningCount: number;
  /** The gateway file, then the tunnel files in the order they were read. */
  readonly files: readonly string[];
  readonly summary: Summary;
}

/** A configuration of which nothing may be applied. */
export interface RefusedConfiguration {
  readonly ok: false;
  /** The first of them, in the order of files and lines. */
  readonly errors: readonly Problem[];
  /** All that were found; after 10000 the shapes of further entries are not checked. */
  readonly errorCount: number;
  readonly files: readonly string[];
  /** How many files were looked at. */
  readonly filesChecked: number;
}

export type LoadResult = LoadedConfiguration | RefusedConfiguration;

const NO_INTERFACES: ReadonlyMap<string, InterfaceFacts> = new Map();

/**
 * Reads a gateway file and its tunnel files, checks everything, and compiles the table.
 * Opens no interface, and never throws for what the files hold: all errors are in the result.
 */
export function loadConfiguration(gatewayFile: string, options: LoadOptions = {}): LoadResult {
  options.onStage?.("read");
  const reading = new Reading(readJsonDocument(gatewayFile), options.onStage);
  return finishLoading(reading, reading.readAll(), options);
}

/** What has been read, and compiled if it has no errors, as a whole. */
export function finishLoading(
  reading: Reading,
  compiled: TenantCompiler | undefined,
  { interfaces = NO_INTERFACES, onStage }: LoadOptions,
): LoadResult {
  const { problems, gateway, ledger, addresses } = reading;
  onStage?.("sum up");
  if (compiled === undefined) {
    return refuse(reading);
  }
  const gatewayValue = gateway.value as GatewayFile;
  const table = compile(gatewayValue, compiled, ledger.attachedPorts, addresses);
  const mtus = knownMtus(table, interfaces);
  checkTunnelMtus(table, compiled.headers, mtus, ledger, problems);
  if (problems.hasErrors) {
    return refuse(reading);
  }
  const summary = summarise(table, compiled.headers, mtus);
  warnAboutTable(rootOf(gateway), table, summary.paths, mtus, problems);
  const warnings = problems.listWarnings(reading.documents);
  return {
    ok: true,
    table,
    gateway: gatewaySettings(gatewayValue),
    warnings: warnings.list,
    warningCount: warnings.count,
    files: [gateway.file, ...reading.files],
    summary,
  };
}

function refuse({
  problems,
  documents,
  gateway,
  files: tunnelFiles,
}: Reading): RefusedConfiguration {
  const files = [gateway.file, ...tunnelFiles];
  const { list, count } = problems.listErrors(documents);
  return { ok: false, errors: list, errorCount: count, files, filesChecked: files.length };
}
