/**
 * Where a statement stands among all of its kind: by the time of its event, and at the same time by the digest of it, so that the same
 * one is the last in whatever order they come. Stamps are compared as texts.
 */
export type Stamp = string;

export const stampOf = ({ eventTime, digest }: { eventTime: Date; digest: string }): Stamp =>
  `${eventTime.toISOString()} ${digest}`;

export const isLater = (one: Stamp, other: Stamp | null | undefined): boolean => other == null || one > other;
