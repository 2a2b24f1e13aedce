/** A stay of an outside auditor: they read everything as it was at one time, until the session ends. */
export interface AuditorSession {
  __typename: 'AuditorSession';
  id: string;
  /** The auditor, and for whom they come. */
  name: string;
  reason: string;
  /** Everything is shown as it was then. */
  asOf: Date;
  openedById: string;
  createdAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
}
