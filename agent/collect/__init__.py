"""What do the drives say?"""
