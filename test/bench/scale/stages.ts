/** What work costs, stage by stage. */
import { loadConfiguration } from "../../../tunnels/index.js";

export interface Stage {
  readonly name: string;
  readonly wallMs: number;
  /** Of all threads, so also that of collecting garbage beside the work. */
  readonly cpuMs: number;
}

/** Measures from the moment a stage begins to the next one's. */
export class StageClock {
  readonly stages: Stage[] = [];
  private name: string | undefined;
  private wall = 0;
  private cpu = 0;

  begin(name: string | undefined): void {
    const wall = performance.now();
    const { user, system } = process.cpuUsage();
    const cpu = (user + system) / 1000;
    if (this.name !== undefined) {
      const [wallMs, cpuMs] = [wall - this.wall, cpu - this.cpu];
      this.stages.push({ name: this.name, wallMs, cpuMs });
    }
    this.name = name;
    this.wall = wall;
    this.cpu = cpu;
  }

  end(): readonly Stage[] {
    this.begin(undefined);
    return this.stages;
  }
}

/** @throws {Error} when the configuration is refused: it was to be valid. */
export function load(file: string, clock: StageClock) {
  const loaded = loadConfiguration(file, { onStage: (stage) => clock.begin(stage) });
  if (!loaded.ok) throw new Error(`the configuration is refused: ${loaded.errors[0]?.message}`);
  return loaded;
}
