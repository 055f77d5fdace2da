/** What the other parts of the program use of the configuration. */
export { type ChangedTable, ChangingConfiguration } from "./changing-configuration.js";
export type * from "./compiled.js";
export { ERROR_CODES, type ErrorCode } from "./error-codes.js";
export { formatProblems } from "./format-problems.js";
export type { GatewaySettings, LogLevel } from "./gateway-settings.js";
export {
  type LoadedConfiguration,
  type LoadOptions,
  type LoadResult,
  loadConfiguration,
  type RefusedConfiguration,
} from "./load.js";
export type { PathSummary } from "./path-summary.js";
export { formatProblem, type Problem } from "./problem.js";
export type { LoadStage } from "./reading.js";
export { schemaText } from "./schema/schema-text.js";
export type { InterfaceFacts, Summary, TenantSummary } from "./summary.js";
