/** What is to be reached, and what a change may not fall below. */
import type { Measured, SceneResult } from "./result.js";

export interface Goal {
  readonly what: string;
  /** Undefined where a scene was not measured. */
  value(measured: Measured): number | undefined;
  /** The most that is let pass. */
  readonly gate: number;
  /** The most that is aimed at. */
  readonly target: number;
}

function instructions(what: string, scene: string, gate: number, target: number): Goal {
  const value = (measured: Measured) => measured.get(scene)?.instructions;
  return { what: `${what}, instructions a packet`, value, gate, target };
}

function time(what: string, scene: string, gate: number, target: number): Goal {
  const value = (measured: Measured) => measured.get(scene)?.time.nanoseconds;
  return { what: `${what}, ns`, value, gate, target };
}

type Figure = (scene: SceneResult) => number | undefined;

function growth(what: string, scenes: string, figure: Figure, gate: number, target: number): Goal {
  const at = (measured: Measured, tunnels: number) => {
    const scene = measured.get(`${scenes}/${tunnels}`);
    return scene === undefined ? undefined : figure(scene);
  };
  const value = (measured: Measured) => {
    const [one, million] = [at(measured, 1), at(measured, 1_000_000)];
    return one === undefined || million === undefined ? undefined : million / one;
  };
  return { what: `${what}, 1 to 1 M tunnels, times`, value, gate, target };
}

/** Two workers are to do `gate` of what one does twice: then a packet takes each so much longer. */
function scaling(way: string, gate: number, target: number): Goal {
  const at = (measured: Measured, workers: number) =>
    measured.get(`workers/vxlan/${way}/${workers}`)?.time.nanoseconds;
  const value = (measured: Measured) => {
    const [one, two] = [at(measured, 1), at(measured, 2)];
    return one === undefined || two === undefined ? undefined : two / one;
  };
  const what = `VXLAN ${way}, two workers, time of a packet against one worker's`;
  return { what, value, gate: 1 / gate, target: 1 / target };
}

/** The part of the rate that is lost; where the updates were not all made, more than any gate lets. */
function lossByUpdates(what: string, scene: string, gate: number, target: number): Goal {
  const asked = 100_000;
  const tolerance = 0.99;
  const value = (measured: Measured) => {
    const updates = measured.get(scene)?.updates;
    if (updates === undefined) return undefined;
    const isReached = updates.updatesPerSecond >= asked * tolerance;
    return isReached ? updates.loss : Number.POSITIVE_INFINITY;
  };
  return { what: `${what}, loss of rate by 100 k updates a second`, value, gate, target };
}

const nanoseconds: Figure = (scene) => scene.time.nanoseconds;

export const goals: readonly Goal[] = [
  instructions("VXLAN push", "vxlan/ipv4/push/64", 150, 120),
  instructions("VXLAN pop", "vxlan/ipv4/pop/64", 180, 145),
  instructions("GRE push", "gre/ipv4/push/64", 140, 105),
  instructions("GRE pop", "gre/ipv4/pop/64", 150, 120),
  instructions("VLAN push", "vlan/push/64", 70, 45),
  instructions("VLAN pop", "vlan/pop/64", 60, 40),
  time("VXLAN push, 1 tunnel", "scale/vxlan/push/uniform/1", 14, 9),
  time("VXLAN push, 1 k tunnels", "scale/vxlan/push/uniform/1000", 14, 9),
  time("VXLAN push, 100 k tunnels", "scale/vxlan/push/uniform/100000", 35, 18),
  time("VXLAN push, 1 M tunnels", "scale/vxlan/push/uniform/1000000", 60, 30),
  time("VXLAN pop, 1 tunnel", "scale/vxlan/pop/uniform/1", 15, 10),
  time("VXLAN pop, 1 k tunnels", "scale/vxlan/pop/uniform/1000", 15, 10),
  time("VXLAN pop, 1 M tunnels", "scale/vxlan/pop/uniform/1000000", 55, 30),
  ...["push", "pop"].flatMap((way) => [
    growth(
      `VXLAN ${way}, instructions`,
      `scale/vxlan/${way}/uniform`,
      (scene) => scene.instructions,
      1.03,
      1.005,
    ),
    growth(`VXLAN ${way}, ns, uniform`, `scale/vxlan/${way}/uniform`, nanoseconds, 6, 3.5),
    growth(`VXLAN ${way}, ns, Zipf`, `scale/vxlan/${way}/zipf`, nanoseconds, 4, 2),
  ]),
  scaling("push", 0.9, 0.97),
  scaling("pop", 0.9, 0.97),
  lossByUpdates("VXLAN push, 100 k tunnels", "updates/vxlan/push/100000", 0.05, 0.01),
];

export type Judgement = "target" | "gate" | "missed";

export function judge({ gate, target }: Pick<Goal, "gate" | "target">, value: number): Judgement {
  if (value <= target) return "target";
  return value <= gate ? "gate" : "missed";
}
