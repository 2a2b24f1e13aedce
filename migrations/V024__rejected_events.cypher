// Events of producers that were refused are kept for a while: each sender reads their own, an ADMIN those of all, the newest first.
CREATE CONSTRAINT rejected_event_id IF NOT EXISTS FOR (r:RejectedEvent) REQUIRE r.id IS UNIQUE;
CREATE INDEX rejected_event_sender IF NOT EXISTS FOR (r:RejectedEvent) ON (r.senderId, r.id);
