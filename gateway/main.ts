#!/usr/bin/env node
import { reportFailure } from "./command-failure.js";
import { program } from "./program.js";

// A reader such as `head` may close the pipe early; that is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

try {
  process.exitCode = await program(process.argv);
} catch (error) {
  process.exitCode = reportFailure(error);
}
