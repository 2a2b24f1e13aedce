// Emergencies (ADR 74): what covers an action is found by its asset while it goes on, what is not reviewed in time by who opened it, and what
// has ended by itself by its time: each of these times is there as long as it counts.
CREATE CONSTRAINT break_glass_id IF NOT EXISTS FOR (b:BreakGlass) REQUIRE b.id IS UNIQUE;
CREATE INDEX break_glass_active IF NOT EXISTS FOR (b:BreakGlass) ON (b.assetId, b.activeUntil);
CREATE INDEX break_glass_overdue IF NOT EXISTS FOR (b:BreakGlass) ON (b.openedById, b.overdueFrom);
CREATE INDEX break_glass_expires IF NOT EXISTS FOR (b:BreakGlass) ON (b.expiresAt);
