"""LINE WORKS API 2.0, in both of its parts: a chat, and a way that notifications travel."""
