"""How do the past and the imagined take the same way?"""
