import type { JobSpec, LauncherSecret } from '../port/launcher.js';

/** Files that hold the secrets of an installation, by the name jobs ask for them with. Absolute paths where programs run. */
export type SecretFiles = Readonly<Record<string, string>>;

/** The file of each secret that the job asks for and that is known, by environment variable. */
export function secretFilesOf(spec: JobSpec, known: SecretFiles): Record<string, string> {
  const asked = Object.entries(spec.secrets);
  return Object.fromEntries(asked.flatMap(([variable, name]) => (known[name] ? [[variable, known[name]]] : [])));
}

/** Why the job cannot have the secrets it asks for; null when it can. */
export function refuseSecrets(
  spec: JobSpec,
  launcher: { name: string; secrets: readonly string[] },
): { code: string; message: string } | null {
  const missing = Object.values(spec.secrets).find((name) => !launcher.secrets.includes(name));
  if (missing === undefined) return null;
  const known = launcher.secrets.length === 0 ? 'It has none.' : `It has: ${launcher.secrets.join(', ')}.`;
  return {
    code: 'SECRET_MISSING',
    message: `The launcher "${launcher.name}" has no secret "${missing}". ${known} Whoever runs it can add one.`,
  };
}

/** Who may use a secret, by its name: ids of teams. One that is not named is for whoever may launch. */
export type SecretTeams = Readonly<Record<string, readonly string[]>>;

/** The secrets of those names, with who may use each. */
export function secretsNamed(names: readonly string[], teams: SecretTeams): LauncherSecret[] {
  return names.map((name) => ({ name, teams: teams[name] ?? null }));
}
