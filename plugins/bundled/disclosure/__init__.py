"""Party-affairs disclosure (党务公开): items that are proposed, checked by another person, published and expire."""
