"""Write what `derive` derives: LaTeX, HTML, notebooks, Python modules, and the command line."""
