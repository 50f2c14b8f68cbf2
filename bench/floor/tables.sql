-- The like tables of the list: what the product's page shows, already joined where the product joins.
CREATE TABLE floor_unit AS SELECT id, name FROM agency_unit;
ALTER TABLE floor_unit ADD PRIMARY KEY (id);
CREATE TABLE floor_party AS SELECT id, name, credit_code FROM enforcement_party;
ALTER TABLE floor_party ADD PRIMARY KEY (id);
CREATE TABLE floor_case AS
SELECT c.id, CASE WHEN c.number = '' THEN s.number ELSE c.number END AS number, c.title, c.state, c.last_step_at, c.registered_at,
       coalesce((SELECT o.name FROM enforcement_caseofficer f JOIN agency_official o ON o.id = f.official_id
                  WHERE f.case_id = c.id AND f.part = 'lead'), '') AS lead,
       coalesce(d.title, '') AS duty, d.due_at, c.unit_id, c.party_id
  FROM enforcement_case c
  JOIN enforcement_source s ON s.id = c.source_id
  LEFT JOIN LATERAL (
    SELECT title, due_at FROM core_duty
     WHERE file_stream = 'case:' || c.id AND met_at IS NULL AND voided_at IS NULL ORDER BY due_at LIMIT 1
  ) AS d ON true;
ALTER TABLE floor_case ADD PRIMARY KEY (id);
ALTER TABLE floor_case ADD FOREIGN KEY (unit_id) REFERENCES floor_unit, ADD FOREIGN KEY (party_id) REFERENCES floor_party;
CREATE INDEX ON floor_case (last_step_at DESC, id DESC);
VACUUM ANALYZE floor_unit, floor_party, floor_case;
GRANT SELECT ON floor_unit, floor_party, floor_case TO PUBLIC;
