"""What users did and how answers fared, from the roll-ups: no page here reads an event or an impression."""
