// Events that tell others of what happened here wait until they were sent: to each destination those that are due, of what belongs
// together in the order in which it happened. What a destination refused for good stays for an ADMIN.
CREATE CONSTRAINT outgoing_event_id IF NOT EXISTS FOR (o:OutgoingEvent) REQUIRE o.id IS UNIQUE;
CREATE INDEX outgoing_event_due IF NOT EXISTS FOR (o:OutgoingEvent) ON (o.destination, o.dueAt);
CREATE INDEX outgoing_event_stream IF NOT EXISTS FOR (o:OutgoingEvent) ON (o.openStream, o.id);
CREATE INDEX outgoing_event_dead IF NOT EXISTS FOR (o:OutgoingEvent) ON (o.destination, o.deadAt);
// Releases that events told of are known again by what their producer calls them.
CREATE CONSTRAINT release_report_key IF NOT EXISTS FOR (r:Release) REQUIRE r.reportKey IS UNIQUE;
