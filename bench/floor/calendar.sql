-- What counting gave, once for all duties that share it; the floor only writes it into a like table.
CREATE TABLE floor_anew AS
SELECT id FROM core_explanation WHERE calendar_digest = (SELECT calendar_digest FROM core_calendarchange ORDER BY id DESC LIMIT 1);
CREATE TABLE floor_group AS
SELECT row_number() OVER () AS place, g.* FROM (
    SELECT rule_id, title, day_zero, nominal_day, due_at, alert_from, min(id) AS sample
      FROM core_duty WHERE met_at IS NULL AND voided_at IS NULL
       AND explained_by_id IN (SELECT id FROM floor_anew)
     GROUP BY rule_id, title, day_zero, nominal_day, due_at, alert_from
) AS g;
CREATE TABLE floor_counted AS
SELECT g.place, d.rule_id, d.title, d.adopted, d.provisional, d.deadline_precedes_rule, d.day_zero, d.nominal_day,
       d.due_at, d.alert_from, d.explained_by_id, d.bases
  FROM floor_group g JOIN core_duty d ON d.id = g.sample;
CREATE TABLE floor_duty (LIKE core_duty INCLUDING ALL, place bigint);
INSERT INTO floor_duty
SELECT d.*, g.place FROM core_duty d JOIN floor_group g USING (rule_id, title, day_zero, nominal_day, due_at, alert_from)
 WHERE d.met_at IS NULL AND d.voided_at IS NULL
   AND d.explained_by_id IN (SELECT id FROM floor_anew);
VACUUM ANALYZE floor_counted;
VACUUM ANALYZE floor_duty;
