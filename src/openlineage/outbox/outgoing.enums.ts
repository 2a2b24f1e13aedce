import { enumOf } from '../../graphql/enums.js';

const OUTGOING_STATES = ['WAITING', 'REFUSED'] as const;
export type OutgoingState = (typeof OUTGOING_STATES)[number];

export const OutgoingStateEnum = enumOf(
  'OutgoingEventState',
  OUTGOING_STATES,
  'The state of an event that tells others of what happened here.',
  {
    WAITING: 'It is to be sent, or to be sent again.',
    REFUSED: 'Its destination refused it for good, or did not take it for a week. It is not sent again by itself.',
  },
);
