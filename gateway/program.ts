import { Command, CommanderError, InvalidArgumentError } from "commander";
import { schemaText } from "../tunnels/index.js";
import { CommandFailure } from "./command-failure.js";
import { type BenchOptions, bench } from "./commands/bench.js";
import { type ExplainOptions, explain } from "./commands/explain.js";
import { type ReplayOptions, replay } from "./commands/replay.js";
import { run } from "./commands/run.js";
import { type DaemonOptions, type ShowOptions, show, status } from "./commands/show.js";
import { type ValidateOptions, validate } from "./commands/validate.js";
import { defaultGatewayFile } from "./configuration.js";
import { exitCode } from "./exit-codes.js";
import { topicNames } from "./show/documents.js";
import { version } from "./version.js";

const help = `
Exit codes: 0 done, 1 failed or unhealthy, 2 wrong usage, 3 configuration invalid,
4 daemon not reachable.`;

/** Parses the command line and runs one command. @returns the exit code. */
export async function program(argv: readonly string[]): Promise<number> {
  let code: number = exitCode.done;
  const done = (result: number): void => {
    code = result;
  };
  const root = new Command("adit")
    .description("A tunnel gateway: VXLAN and GRE over AF_XDP, driven by tunnel files.")
    .version(version())
    .addHelpText("after", help)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });

  withConfig(root.command("run"))
    .description("the gateway, in the foreground; JSON logs on stdout")
    .action(async (options: { config: string }) => done(await run(options)));
  withJson(withConfig(root.command("validate")))
    .description("read everything, print every error or a summary")
    .action((options: ValidateOptions) => done(validate(options)));
  withConfig(root.command("replay"))
    .description("packets in, packets out: capture files for ports")
    .requiredOption("--in <PORT=PCAP>", "frames received on a port; may be repeated", append)
    .requiredOption("--out <DIR>", "folder for PORT.pcap, PORT.kernel.pcap and counters.json")
    .option("--seed <N>", "seed of the flow hash", parseSeed, 1n)
    .action((options: ReplayOptions) => done(replay(options)));
  withJson(withConfig(root.command("explain")))
    .description("every step the data path takes with each packet, and its bytes")
    .requiredOption("--in <PORT=PCAP|PORT:HEX>", "a packet; may be repeated", append)
    .option("--seed <N>", "seed of the flow hash", parseSeed, 1n)
    .action((options: ExplainOptions) => done(explain(options)));
  withJson(withConfig(root.command("show")))
    .description(`what the daemon has: ${topicNames.join(", ")}`)
    .argument("<topic>")
    .argument("[name]", "only the row of this name")
    .option("-s, --counters", "with counters")
    .action(async (topic: string, name: string | undefined, options: ShowOptions) =>
      done(await show(topic, name, options)),
    );
  withJson(withConfig(root.command("status")))
    .description("is everything up, and if not, what and why; exits 1 when not")
    .action(async (options: DaemonOptions) => done(await status(options)));
  root
    .command("schema")
    .description("the JSON schema of gateway or tunnels files")
    .argument("<gateway|tunnels>")
    .action((name: string) => {
      process.stdout.write(schemaOf(name));
    });
  root
    .command("bench")
    .description("the in-memory benchmark of the data path; exits 1 when a gate is missed")
    .option("--filter <REGEX>", "scenes whose names match alone")
    .option("--quick", "one short run of each, and no instructions")
    .option("--base <FILE>", "a result.json of before to compare with")
    .option("--out <DIR>", "folder for result.json, table.txt and scale.svg")
    .action(async (options: BenchOptions) => done(await bench(options)));

  try {
    await root.parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCode.done : exitCode.wrongUsage;
  }
  return code;
}

function withConfig(command: Command): Command {
  return command.option("-c, --config <FILE>", "gateway file", defaultGatewayFile);
}

function withJson(command: Command): Command {
  return command.option("-j, --json", "one JSON document");
}

function append(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function parseSeed(text: string): bigint {
  if (!/^\d+$/.test(text) || BigInt(text) > 0xffff_ffff_ffff_ffffn) {
    throw new InvalidArgumentError("a seed is an integer from 0 to 2^64 - 1");
  }
  return BigInt(text);
}

function schemaOf(name: string): string {
  if (name === "gateway" || name === "tunnels") return schemaText(name);
  throw new CommandFailure(
    `there is no schema "${name}"`,
    exitCode.wrongUsage,
    "one of: gateway, tunnels",
  );
}
