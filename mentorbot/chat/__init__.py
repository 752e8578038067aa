"""The rooms that speak IRC: bytes to lines (wire), lines at a bearable pace (pace), and who says what (bot)."""
