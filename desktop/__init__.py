"""Gadong (가동): shop-floor monitoring for a small line on one PC."""

VERSION = "0.1.0"
