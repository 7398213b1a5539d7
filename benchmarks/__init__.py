"""Measurements, which assert nothing about speed: figures are for people to read."""
