"""A comparison where people look: one HTML page that opens without network, and one XLSX workbook.

Both hold the matrix item × region (or document) with the measure and a mark for its level in each cell, the quotes
with their places, what each region lacks, and the rules by which levels and figures come about. Everything from
documents is escaped; a level is told by colour, by a sign and by its name.
"""

from .page import comparison_html as comparison_html
from .workbook import comparison_xlsx as comparison_xlsx

__all__ = ["comparison_html", "comparison_xlsx"]
