"""What became of each drive?"""
