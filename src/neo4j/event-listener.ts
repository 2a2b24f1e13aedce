/** Told what the embedded server and the migrator do, in words for a person. */
export type EventListener = (message: string, level: 'info' | 'warn' | 'error') => void;
