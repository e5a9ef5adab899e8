"""Texts to take away: DOCX, Markdown, Akoma Ntoso, tables of comparison."""
