// Labels that flow along the lineage (ADR 68), and what may lower them. A node that carries labels says so by a label of its own
// (Labelled, Declassifies), so that a walk looks at no other; declarations and grants themselves are found by their ids.
CREATE CONSTRAINT label_declaration_id IF NOT EXISTS FOR (d:LabelDeclaration) REQUIRE d.id IS UNIQUE;
CREATE CONSTRAINT declassification_grant_id IF NOT EXISTS FOR (g:DeclassificationGrant) REQUIRE g.id IS UNIQUE;
