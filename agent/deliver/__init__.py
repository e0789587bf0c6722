"""Does every event arrive?"""
