"""One file per schema step, oldest first. A step that was released is never edited."""
