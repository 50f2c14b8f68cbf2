"""What a `rule` mark must be worth: a test that runs, that asserts, and that fails where its rule does not hold."""
