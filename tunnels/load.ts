import { AddressBook } from "./address/address-book.js";
import { checkDocuments } from "./check/check.js";
import { rootOf } from "./check/place.js";
import { Problems } from "./check/problems.js";
import { checkTunnelMtus } from "./check/tunnel-mtus.js";
import { compile } from "./compile.js";
import type { CompiledTable } from "./compiled.js";
import { type GatewaySettings, gatewaySettings } from "./gateway-settings.js";
import { headerBytes } from "./header-bytes.js";
import { type JsonDocument, readJsonDocument } from "./json/document.js";
import type { Problem } from "./problem.js";
import { readTunnelDocuments } from "./read-tunnel-documents.js";
import type { GatewayFile } from "./schema/gateway.js";
import type { Tenant, TenantsFile } from "./schema/tenant.js";
import { type InterfaceFacts, knownMtus, type Summary, summarise } from "./summary.js";
import { warnAboutTable } from "./warnings.js";

/** What is done one after the other; `read` includes the parsing. */
export type LoadStage = "read" | "check" | "compile" | "sum up";

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
  const problems = new Problems();
  const addresses = new AddressBook();
  const { interfaces = NO_INTERFACES, onStage } = options;
  onStage?.("read");
  const gateway = readJsonDocument(gatewayFile);
  const tunnelFiles = readTunnelDocuments(gateway, problems);
  const documents = [gateway, ...tunnelFiles];
  onStage?.("check");
  const ledger = checkDocuments(gateway, tunnelFiles, problems, addresses);
  const files = documents.map(({ file }) => file);
  const refusal = refuseErrors(problems, documents, files);
  if (refusal !== undefined) {
    return refusal;
  }
  onStage?.("compile");
  const gatewayValue = gateway.value as GatewayFile;
  const tenants = tunnelFiles.flatMap(tenantsIn);
  const table = compile(gatewayValue, tenants, addresses);
  onStage?.("sum up");
  const mtus = knownMtus(table, interfaces);
  const headers = headerBytes(table, tenants);
  checkTunnelMtus(table, headers, mtus, ledger, problems);
  const tooLarge = refuseErrors(problems, documents, files);
  if (tooLarge !== undefined) {
    return tooLarge;
  }
  const summary = summarise(table, headers, mtus);
  warnAboutTable(rootOf(gateway), table, summary.paths, mtus, problems);
  const warnings = problems.listWarnings(documents);
  return {
    ok: true,
    table,
    gateway: gatewaySettings(gatewayValue),
    warnings: warnings.list,
    warningCount: warnings.count,
    files,
    summary,
  };
}

function refuseErrors(
  problems: Problems,
  documents: readonly JsonDocument[],
  files: readonly string[],
): RefusedConfiguration | undefined {
  const { list, count } = problems.listErrors(documents);
  return count === 0
    ? undefined
    : { ok: false, errors: list, errorCount: count, files, filesChecked: files.length };
}

function tenantsIn({ value }: JsonDocument): readonly Tenant[] {
  const file = value as Tenant | TenantsFile;
  return "tenants" in file ? file.tenants : [file];
}
