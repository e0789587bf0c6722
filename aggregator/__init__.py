"""What became of the fleet, and how often do its drives fail?"""
