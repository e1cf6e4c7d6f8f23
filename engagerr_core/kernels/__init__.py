"""The compiled core: arrays in, arrays out, one topic a file.

Every kernel is a plain loop over typed arrays; `dispatch` alone knows how loops are compiled,
cached and spread over threads. Nothing here reads files, settings or frames. NaN means unknown.
"""
