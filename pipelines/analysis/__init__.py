"""What a film shows and says: the answers of engines, joined into documents."""
