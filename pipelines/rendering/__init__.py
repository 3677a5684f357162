"""Rendering: from locked shots and resolved assets to the pictures, the mix and the finished film."""
