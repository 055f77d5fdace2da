/** The typed face of the native addon. */
export type {
  DataPath,
  DataPathEvent,
  DropReason,
  Drops,
  FrameCounts,
  MemberTotals,
  NeighborInfo,
  NextHopInfo,
  PathErrorInfo,
  PortInfo,
  PortTotals,
  Replay,
  ReplayInput,
  Totals,
  TraceStep,
  WorkerInfo,
} from "./addon.js";
export {
  createDataPath,
  createReplay,
  dropReasons,
  notifySystemd,
  restoreFeatures,
} from "./data-path.js";
export { isNativeFailure, type NativeFailure } from "./failure.js";
export {
  type EthernetFields,
  etherType,
  Frame,
  type FrameOptions,
  type GreFields,
  type IpFields,
  type UdpFields,
  type VlanFields,
} from "./frame.js";
