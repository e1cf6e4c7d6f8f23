"""From observations to results: pure functions, frames in, frames or small result objects out. Opens nothing."""
