/** What work costs, stage by stage. */
import { loadConfiguration } from "../../../tunnels/index.js";

export interface Stage {
  readonly name: string;
  readonly wallMs: number;
  /** Of all threads, so also that of collecting garbage beside the work. */
  readonly cpuMs: number;
}

/** Measures from the moment a stage begins to the next one's; one that begins again goes on. */
export class StageClock {
  private readonly measured = new Map<string, { wallMs: number; cpuMs: number }>();
  private name: string | undefined;
  private wall = 0;
  private cpu = 0;

  begin(name: string | undefined): void {
    const wall = performance.now();
    const { user, system } = process.cpuUsage();
    const cpu = (user + system) / 1000;
    if (this.name !== undefined) {
      const stage = this.measured.get(this.name) ?? { wallMs: 0, cpuMs: 0 };
      stage.wallMs += wall - this.wall;
      stage.cpuMs += cpu - this.cpu;
      this.measured.set(this.name, stage);
    }
    this.name = name;
    this.wall = wall;
    this.cpu = cpu;
  }

  end(): readonly Stage[] {
    this.begin(undefined);
    return [...this.measured].map(([name, cost]) => ({ name, ...cost }));
  }
}

/** @throws {Error} when the configuration is refused: it was to be valid. */
export function load(file: string, clock: StageClock) {
  const loaded = loadConfiguration(file, { onStage: (stage) => clock.begin(stage) });
  if (!loaded.ok) throw new Error(`the configuration is refused: ${loaded.errors[0]?.message}`);
  return loaded;
}
