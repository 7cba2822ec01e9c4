"""Values -> Messages: what people are shown, worded for one reader."""
