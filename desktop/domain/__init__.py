"""Pure rules of the shop floor: no clock, no file, no window. The present moment is an argument."""
