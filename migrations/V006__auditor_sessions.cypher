// Sessions of outside auditors are found by their id, and listed in the order of it.
CREATE CONSTRAINT auditor_session_id IF NOT EXISTS FOR (s:AuditorSession) REQUIRE s.id IS UNIQUE;
