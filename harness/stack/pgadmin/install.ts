import { existsSync, globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OperationError } from "../../../src/errors.ts";
import { withLock } from "../lock.ts";
import { run } from "../run.ts";

export const pgadminVersion = "9.18";

export interface PgadminPrograms {
  readonly python: string;
  /** The package's own folder, with setup.py and pgAdmin4.py. */
  readonly package: string;
}

/**
 * pgAdmin from PyPI, in a virtual environment of its own in the cache folder, unless it is there. Every package that it
 * needs is of the version in infra/pgadmin/constraints.txt.
 * @throws OperationError without a Python that can make virtual environments
 */
export async function installPgadmin(options: {
  checkout: string;
  cacheDir: string;
  python: string | null;
  onProgress: (line: string) => void;
}): Promise<PgadminPrograms> {
  const { checkout, cacheDir, onProgress } = options;
  const folder = join(cacheDir, `pgadmin-${pgadminVersion}`);
  const installed = join(folder, "installed");
  if (!existsSync(installed)) {
    await withLock(join(cacheDir, "install.lock"), async () => {
      if (existsSync(installed)) return;
      onProgress(`installing pgAdmin ${pgadminVersion} from PyPI`);
      await fill(folder, join(checkout, "infra/pgadmin/constraints.txt"), options.python);
      writeFileSync(installed, "");
    });
  }
  const [found] = globSync(join(folder, "lib/python3*/site-packages/pgadmin4"));
  if (found === undefined) throw new OperationError(`${folder} holds no pgadmin4: remove that folder, and try again`);
  return { python: join(folder, "bin/python"), package: found };
}

/** A virtual environment cannot be moved: what a killed installation left is removed, and made anew in its place. */
async function fill(folder: string, constraints: string, python: string | null): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  if (python === null) {
    throw new OperationError("pgAdmin needs Python 3.9 or later (python3), which is not on PATH: install it");
  }
  await run(
    [python, "-m", "venv", folder],
    "pgAdmin needs a Python that makes virtual environments (on Debian: apt install python3-venv)",
  );
  const pip = [join(folder, "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  await run([...pip, "--constraint", constraints, `pgadmin4==${pgadminVersion}`], "pip could not install pgAdmin");
}
