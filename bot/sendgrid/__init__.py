"""SendGrid: what its Event Webhook and its suppression lists tell, and the one deletion we ask."""
