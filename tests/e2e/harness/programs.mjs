// Where the programs are that the tests start.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = {
  CHROME: ["chromium", "google-chrome", "google-chrome-stable", "chrome"],
  MOSQUITTO: ["mosquitto"],
};
// Debian puts mosquitto into sbin, which is not on every user's PATH.
const EXTRA_DIRECTORIES = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];

/// The path of a program: what the environment variable of that name says, or the first on the PATH.
export function program(variable) {
  if (process.env[variable]) return process.env[variable];
  const directories = [...(process.env.PATH ?? "").split(delimiter), ...EXTRA_DIRECTORIES];
  for (const name of PROGRAMS[variable]) {
    const path = directories.map((directory) => join(directory, name)).find(isExecutable);
    if (path) return path;
  }
  throw new Error(`no ${PROGRAMS[variable][0]} found: install it or set ${variable} to its path`);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
