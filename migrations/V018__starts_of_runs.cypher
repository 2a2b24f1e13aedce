// A start of a run that is sent again, by a key of its sender, answers the run that it began.
CREATE CONSTRAINT run_start_key IF NOT EXISTS FOR (r:Run) REQUIRE r.startKey IS UNIQUE;
