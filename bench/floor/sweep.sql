-- The like tables of the sweep: the same columns, indexes and foreign keys as the product's.
DROP TABLE IF EXISTS floor_alert, floor_crossing;
CREATE TABLE floor_alert (LIKE core_alert INCLUDING ALL);
ALTER TABLE floor_alert
    ADD FOREIGN KEY (duty_id) REFERENCES core_duty DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (recipient_id) REFERENCES agency_official DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (on_behalf_of_id) REFERENCES agency_official DEFERRABLE INITIALLY DEFERRED,
    ADD FOREIGN KEY (delivery_id) REFERENCES core_delivery DEFERRABLE INITIALLY DEFERRED;
-- What crosses was worked out beforehand: the floor only writes it.
CREATE TABLE floor_crossing AS
SELECT recipient_id, key, level, duty_id, threshold, rank, title, body, url, raised_at, wants_mail, at_once, on_behalf_of_id FROM core_alert ORDER BY id;
VACUUM ANALYZE floor_crossing;
