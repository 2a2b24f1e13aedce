/** What a command that judges has found, for people and for what reads it in CI. */
export interface Report {
  /** The command, as `policy test`. */
  command: string;
  /** Each thing that was judged. */
  results: readonly ReportResult[];
  /** What the results are judged by, by its id: a sentence each. */
  rules: ReadonlyMap<string, string>;
  /** Beside the table: what there is to say of the whole. */
  summary: readonly string[];
  /** The whole as JSON. */
  json: unknown;
}

export interface ReportResult {
  /** What it is judged by: the id of a policy, or what kind of thing it is. */
  rule: string;
  name: string;
  status: ReportStatus;
  message: string;
  place: { file: string; line: number | null; column: number | null } | null;
}

/** `note`: nothing is wrong, and it is worth to be told. */
export type ReportStatus = 'pass' | 'note' | 'warn' | 'fail';

/** As compilers write it: `file:line:column`. */
export function placeText({ place }: ReportResult): string {
  if (place === null) return '';
  return [place.file, place.line, place.column].filter((part) => part !== null).join(':');
}
