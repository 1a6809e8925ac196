"""The answers that screens, reports and the command line show: plain frozen values, made by `desktop.summaries`.

Times are UTC milliseconds, ratios 0 to 1 or None (not known). Names and codes are the shop's own words."""
