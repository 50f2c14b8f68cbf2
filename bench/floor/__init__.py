"""The floors: the same work without the product. Bare SQL, or a bare Django/DRF view over a like table; no login, permits, ledger, alerts."""
